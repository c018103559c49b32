import assert from "node:assert/strict";
import { type ApiAnswer, answer } from "./api";
import type { Configuration } from "./configuration";
import { initialConfiguration } from "./lab-router";
import type { ApiError } from "./refusal";

type Values = Record<string, unknown>;

describe("the API of an emulated Sophos UTM", () => {
  let configuration: Configuration;

  beforeEach(() => {
    configuration = initialConfiguration();
  });

  const send = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}): ApiAnswer =>
    answer(configuration, {
      method,
      path: `/api/${path}`,
      headers: { ...(body !== undefined && { "content-type": "application/json" }), ...headers },
      body: body === undefined ? "" : JSON.stringify(body),
    });
  const errorsOf = ({ status, body }: ApiAnswer) =>
    (body as ApiError[]).map(({ msgtype, fatal, name }) => `${status} ${msgtype} ${fatal}: ${name}`);
  const host = { name: "Mailserver in DE", address: "5.35.240.160" };
  const route = {
    name: "to proxy",
    source: "REF_NetworkAny",
    destination: "REF_NetworkAny",
    service: "REF_ServiceAny",
    target: "REF_NetHosProxy",
  };

  it("creates, changes, replaces, lists and deletes objects under generated references", () => {
    const created = send("POST", "objects/network/host/", host);
    assert.equal(created.status, 201);
    assert.deepEqual(created.body, {
      _locked: "",
      _ref: "REF_NetHosMailserver",
      _type: "network/host",
      address6: "",
      comment: "",
      duids: [],
      hostnames: [],
      interface: "",
      macs: [],
      resolved: false,
      resolved6: false,
      reverse_dns: false,
      ...host,
    });
    const path = "objects/network/host/REF_NetHosMailserver";
    assert.equal((send("PATCH", path, { comment: "moved" }).body as Values).address, host.address);
    const put = send("PUT", path, { ...(created.body as Values), address: "10.10.10.10" }).body;
    assert.deepEqual(send("GET", path).body, put);
    assert.deepEqual(
      (send("GET", "objects/network/host").body as Values[]).map(({ name }) => name),
      ["Web proxy", "Mailserver in DE"],
    );
    assert.deepEqual(send("DELETE", path), { status: 204 });
    assert.equal(send("GET", path).status, 404);
    assert.equal(send("DELETE", path).status, 404);
    assert.equal(send("DELETE", path, undefined, { "x-restd-err-ack": "all" }).status, 204);
    assert.equal(
      (send("POST", "objects/network/host/", { address: "10.0.10.0" }).body as Values)._ref,
      "REF_NetHos100100",
    );
  });

  it("refuses wrong types, missing and dangling references, reversed ports and used names", () => {
    const post = (type: string, values: Values) => errorsOf(send("POST", `objects/${type}/`, values));
    assert.deepEqual(post("service/group", { name: "g", members: "REF_ServiceAny" }), [
      "400 DATATYPE_OBJECT_ATTRIBUTE 1: The group object requires a Perl array for the members attribute.",
    ]);
    assert.deepEqual(post("network/host", { address: "test" }), [
      "400 DATATYPE_OBJECT_ATTRIBUTE 1: The host object requires an IPv4 address for the address attribute.",
    ]);
    assert.deepEqual(post("route/policy", { ...route, target: "" }), [
      "400 DATATYPE_OBJECT_ATTRIBUTE 1: The policy object requires a string for the target attribute.",
    ]);
    assert.deepEqual(post("route/policy", { ...route, target: "REF_None" }), [
      "400 REF_DOES_NOT_EXIST 1: The target attribute refers to REF_None, which does not exist.",
    ]);
    assert.deepEqual(post("route/policy", { ...route, target: "REF_ServiceAny" }), [
      "400 REF_WRONG_TYPE 1: The target attribute cannot refer to REF_ServiceAny of type service/any.",
    ]);
    assert.deepEqual(post("service/tcp", { name: "p", dst_low: 90, dst_high: 80 }), [
      "400 PORT_RANGE_REVERSED 1: The port range 90 to 80 is reversed.",
    ]);
    assert.deepEqual(post("service/udp", { name: "HTTPS", dst_low: 443, dst_high: 443 }), [
      "400 OBJECT_NAME_IN_USE 1: The name HTTPS is already used by another object of the class service.",
    ]);
    assert.equal(send("GET", "objects/network/nothing/").status, 404);
    assert.equal(
      answer(configuration, { method: "POST", path: "/api/objects/network/host/", headers: {}, body: "{}" }).status,
      400,
    );
  });

  it("returns unknown attributes in the answer alone, or refuses them", () => {
    const values = { ...host, utm_host: "gateway", state: "present" };
    const created = send("POST", "objects/network/host/", values).body as Values;
    assert.deepEqual([created.utm_host, created.state], ["gateway", "present"]);
    assert.equal((send("GET", `objects/network/host/${created._ref}`).body as Values).utm_host, undefined);
    configuration.options = { unknownAttributes: "refuse" };
    assert.deepEqual(errorsOf(send("PATCH", `objects/network/host/${created._ref}`, { adress: "10.0.0.1" })), [
      "400 ATTRIBUTE_UNKNOWN 1: The host object has no adress attribute.",
    ]);
  });

  it("inserts new routes into the node, and reports what uses an object", () => {
    const insert = (position: number) => ({ "x-restd-insert": `routes.policy ${position}` });
    const refs = [1, 2, -1].map((position) => {
      const values = { ...route, name: `route at ${position}` };
      return (send("POST", "objects/route/policy/", values, insert(position)).body as Values)._ref;
    });
    const [first, second, last] = refs;
    assert.deepEqual(send("GET", "nodes/routes.policy").body, [first, second, "REF_RouPolWebToProxy", last]);
    assert.deepEqual(send("GET", "objects/network/host/REF_NetHosProxy/usedby").body, {
      nodes: [],
      objects: ["REF_RouPolWebToProxy", ...refs],
    });
    assert.deepEqual(send("GET", `objects/route/policy/${first}/usedby`).body, {
      nodes: ["routes.policy"],
      objects: [],
    });
  });

  it("deletes an object in use only with acknowledgement, and takes it out of lists and nodes", () => {
    const path = "objects/route/policy/REF_RouPolWebToProxy";
    assert.deepEqual(errorsOf(send("DELETE", path)), [
      "400 OBJECT_IN_USE 0: The object REF_RouPolWebToProxy is used by routes.policy.",
    ]);
    assert.equal(
      send("DELETE", "objects/network/host/REF_NetHosProxy", undefined, { "x-restd-err-ack": "all" }).status,
      400,
    );
    assert.equal(send("DELETE", path, undefined, { "x-restd-err-ack": "all" }).status, 204);
    assert.deepEqual(send("GET", "nodes/routes.policy").body, []);
    assert.equal(send("DELETE", "objects/network/host/REF_NetHosProxy").status, 204);
  });

  it("keeps locks of the system, and locks of users unless a request overrides them or takes them off", () => {
    const override = { "x-restd-lock-override": "yes" };
    assert.equal(send("PATCH", "objects/network/any/REF_NetworkAny", { comment: "x" }, override).status, 403);
    const path = "objects/network/host/REF_NetHosProxy";
    assert.equal(send("PATCH", path, { _locked: "user" }).status, 200);
    assert.equal(send("PATCH", path, { comment: "x" }).status, 403);
    assert.equal(send("PATCH", path, { comment: "x", _locked: "user" }, override).status, 200);
    assert.equal(send("PATCH", path, { _locked: "" }).status, 200);
    assert.equal(send("PATCH", path, { comment: "" }).status, 200);
  });

  it("reads and writes nodes with their types", () => {
    assert.equal(send("GET", "nodes/webadmin.port").body, 4444);
    assert.equal((send("GET", "nodes/").body as Values)["acc.server2.port"], 4433);
    assert.equal(send("PATCH", "nodes/", { "acc.server2.port": 44331 }).status, 204);
    assert.equal(send("PUT", "nodes/acc.server2.port", 4434).body, 4434);
    assert.equal(send("PUT", "nodes/routes.policy", ["REF_NetworkAny"]).status, 400);
    assert.equal(send("PUT", "nodes/webadmin.port", "x").status, 400);
    assert.equal(send("GET", "nodes/none").status, 404);
  });

  it("describes each class in a Swagger document with the attributes that it checks", () => {
    const list = send("GET", "definitions").body as { name: string; link: string }[];
    assert.deepEqual(
      list.map(({ name }) => name),
      ["aaa", "ca", "interface", "itfhw", "itfparams", "network", "packetfilter", "reverse_proxy", "route", "service"],
    );
    for (const { name, link } of list) {
      const { status, body } = answer(configuration, { method: "GET", path: link, headers: {}, body: "" });
      const { swagger, paths, definitions } = body as Record<"swagger" | "paths" | "definitions", Values>;
      assert.deepEqual([status, swagger], [200, "2.0"], name);
      for (const path of Object.keys(paths).filter((one) => one.endsWith("/")))
        assert.equal(send("GET", path.slice(1)).status, 200, path);
      assert.equal(Object.keys(paths).length / 3, Object.keys(definitions).length - 2, name);
    }
    const { definitions } = send("GET", "definitions/route").body as {
      definitions: Record<string, { properties: Values }>;
    };
    assert.deepEqual(definitions["route.policy"]?.properties.target, {
      type: "string",
      default: "",
      description: "REF(network/host), REF(network/dns_host), REF(interface/*)",
    });
    assert.equal(send("GET", "definitions/nothing").status, 404);
    assert.equal(send("POST", "definitions/route", {}).status, 404);
  });

  it("keeps ranges, name groups, translations and static routes, and refuses invalid ones", () => {
    const range = { name: "range", from: "10.0.0.4", to: "10.0.0.6" };
    const created = send("POST", "objects/network/range/", range);
    assert.deepEqual([created.status, (created.body as Values)._ref], [201, "REF_NetRanRange"]);
    assert.deepEqual(errorsOf(send("PATCH", "objects/network/range/REF_NetRanRange", { to: "10.0.0.3" })), [
      "400 RANGE_REVERSED 1: The range 10.0.0.4 to 10.0.0.3 is reversed.",
    ]);
    assert.equal(send("POST", "objects/network/dns_group/", { name: "names", hostname: "www.example" }).status, 201);
    const network = send("POST", "objects/network/network/", { name: "far", address: "10.9.0.0", netmask: 16 });
    const way = { name: "far", network: (network.body as Values)._ref, target: "REF_NetHosProxy" };
    const made = send("POST", "objects/route/static/", way, { "x-restd-insert": "routes.static 1" });
    assert.deepEqual([made.status, (made.body as Values).metric], [201, 5]);
    assert.deepEqual(send("GET", "nodes/routes.static").body, [(made.body as Values)._ref]);
    assert.deepEqual(errorsOf(send("POST", "objects/route/static/", { ...way, name: "none", target: "" })), [
      "400 DATATYPE_OBJECT_ATTRIBUTE 1: The static object requires a target.",
    ]);
    const hole = { ...way, name: "hole", target: "", type: "null" };
    assert.equal(send("POST", "objects/route/static/", hole).status, 201);
    const translation = {
      name: "to proxy",
      mode: "dnat",
      source: "REF_NetworkAny",
      service: "REF_ServiceAny",
      destination: "REF_NetRanRange",
      destination_nat_address: "REF_NetHosProxy",
    };
    assert.equal(send("POST", "objects/packetfilter/nat/", translation).status, 201);
    assert.equal(send("POST", "objects/packetfilter/nat/", { ...translation, name: "b", mode: "all" }).status, 400);
    const masquerading = { name: "out", source: "REF_NetworkAny", source_nat_interface: "REF_IntEthInternal" };
    assert.equal(send("POST", "objects/packetfilter/masq/", masquerading).status, 201);
    assert.deepEqual(send("GET", "objects/network/range/REF_NetRanRange/usedby").body, {
      nodes: [],
      objects: ["REF_PacNatToProxy"],
    });
  });
});
