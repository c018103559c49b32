import assert from "node:assert/strict";
import { answer } from "./api";
import type { Configuration } from "./configuration";
import { initialConfiguration } from "./lab-router";
import type { ApiError } from "./refusal";

type Values = Record<string, unknown>;

describe("the users, certificates and webserver protection of an emulated Sophos UTM", () => {
  let configuration: Configuration;

  beforeEach(() => {
    configuration = initialConfiguration({ unknownAttributes: "refuse" });
  });

  const send = (method: string, path: string, body: unknown = {}) =>
    answer(configuration, {
      method,
      path: `/api/objects/${path}`,
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  const created = (type: string, values: Values): Values => {
    const { status, body } = send("POST", `${type}/`, values);
    assert.equal(status, 201, JSON.stringify(body));
    return body as Values;
  };
  const refusal = (type: string, values: Values) => {
    const { status, body } = send("POST", `${type}/`, values);
    return (body as ApiError[]).map(({ msgtype, name }) => `${status} ${msgtype}: ${name}`);
  };
  const profile = { name: "p", basic_prompt: "Login", frontend_session_lifetime: 8, frontend_session_timeout: 5 };

  it("creates a virtual web server from its parts under the references of the documents", () => {
    const backend = created("reverse_proxy/backend", { name: "Heise", host: "REF_NetHosProxy" });
    const location = created("reverse_proxy/location", { name: "/", backend: [backend._ref] });
    assert.deepEqual([backend._ref, location._ref], ["REF_RevBacHeise", "REF_RevLoc"]);
    const frontend = created("reverse_proxy/frontend", {
      name: "web",
      address: "REF_DefaultInternalAddress",
      allowed_networks: ["REF_NetworkAny"],
      locations: [location._ref],
    });
    const { port, lbmethod, type, status, domain } = frontend;
    assert.deepEqual([port, lbmethod, type, status, domain], [80, "bybusyness", "http", false, []]);
    assert.deepEqual(send("GET", "reverse_proxy/location/REF_RevLoc/usedby").body, {
      nodes: [],
      objects: [frontend._ref],
    });
  });

  it("refuses unknown attributes, missing ones, wrong values and wrong references", () => {
    assert.deepEqual(refusal("reverse_proxy/location", { name: "l", paths: "/" }), [
      "400 ATTRIBUTE_UNKNOWN: The location object has no paths attribute.",
    ]);
    assert.deepEqual(refusal("reverse_proxy/auth_profile", profile), [
      "400 DATATYPE_OBJECT_ATTRIBUTE: The auth_profile object requires a Perl array for the aaa attribute.",
    ]);
    assert.deepEqual(refusal("aaa/group", {}), [
      "400 DATATYPE_OBJECT_ATTRIBUTE: The group object requires a string for the name attribute.",
    ]);
    assert.deepEqual(refusal("reverse_proxy/exception", { name: "e", op: "XOR" }), [
      "400 DATATYPE_OBJECT_ATTRIBUTE: The exception object requires one of AND, OR for the op attribute.",
    ]);
    assert.deepEqual(refusal("reverse_proxy/auth_profile", { ...profile, aaa: ["REF_None", "REF_NetworkAny"] }), [
      "400 REF_DOES_NOT_EXIST: The aaa attribute refers to REF_None, which does not exist.",
      "400 REF_WRONG_TYPE: The aaa attribute cannot refer to REF_NetworkAny of type network/any.",
    ]);
    assert.deepEqual(refusal("ca/host_key_cert", { name: "c", certificate: "PEM", ca: "REF_NetworkAny" }), [
      "400 DATATYPE_OBJECT_ATTRIBUTE: The host_key_cert object requires a string for the meta attribute.",
      "400 REF_WRONG_TYPE: The ca attribute cannot refer to REF_NetworkAny of type network/any.",
    ]);
  });

  it("keeps hashes and lists of numbers, and refuses others in their place", () => {
    const sids = { web: "S-1-5-21-1" };
    assert.deepEqual(created("aaa/group", { name: "g", adirectory_groups_sids: sids }).adirectory_groups_sids, sids);
    assert.deepEqual(created("aaa/group", { name: "h" }).adirectory_groups_sids, {});
    assert.deepEqual(created("reverse_proxy/profile", { name: "f", skipwafrules: [960015] }).skipwafrules, [960015]);
    assert.deepEqual(refusal("aaa/group", { name: "i", adirectory_groups_sids: ["S-1-5-21-1"] }), [
      "400 DATATYPE_OBJECT_ATTRIBUTE: The group object requires a Perl hash for the adirectory groups sids attribute.",
    ]);
    assert.deepEqual(refusal("reverse_proxy/profile", { name: "j", skipwafrules: ["960015"] }), [
      "400 DATATYPE_OBJECT_ATTRIBUTE: The profile object requires a Perl array for the skipwafrules attribute.",
    ]);
  });

  it("does not take the reference of an address for a name", () => {
    assert.deepEqual(refusal("reverse_proxy/frontend", { address: "REF_DefaultInternalAddress" }), [
      "400 DATATYPE_OBJECT_ATTRIBUTE: The frontend object requires a string for the name attribute.",
    ]);
  });
});
