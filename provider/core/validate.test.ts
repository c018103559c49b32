import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { z } from "zod";
import { spsClusterSchema } from "../resources/sps-cluster/schema";
import { flag, port, secret, someText, text } from "./fields";
import { validate } from "./validate";

function failures(schema: z.ZodType, inputs: unknown) {
  const validated = validate(schema, inputs);
  return validated.ok ? [] : validated.failures;
}

describe("input validation", () => {
  const good = { address: "10.0.0.1", password: "hunter2" };

  it("names an invalid property as the program writes it, its value and the allowed values", () => {
    const inputs = {
      centralManagement: good,
      members: [{ connection: { ...good, address: "10.0.0.2", port: 70000 } }],
    };
    assert.deepEqual(failures(spsClusterSchema, inputs), [
      {
        path: "members[0].connection.port",
        reason: "Invalid value for members[0].connection.port: 70000. Allowed values are: 1 to 65535.",
      },
    ]);
  });

  it("names an unknown property with its full path", () => {
    const inputs = { centralManagement: { ...good, pasword: "hunter2" }, membres: [] };
    assert.deepEqual(failures(spsClusterSchema, inputs), [
      {
        path: "centralManagement.pasword",
        reason: "Unknown property centralManagement.pasword. Did you mean password?",
      },
      { path: "membres", reason: "Unknown property membres. Did you mean members?" },
    ]);
  });

  it("says nothing of a missing property whose name is misspelt", () => {
    const inputs = { centralManagement: { adress: "10.0.0.1", password: "hunter2" } };
    assert.deepEqual(
      failures(spsClusterSchema, inputs).map(({ reason }) => reason),
      ["Unknown property centralManagement.adress. Did you mean address?"],
    );
  });

  it("says that a number is given as text, and that a file name is given instead of PEM text", () => {
    const inputs = { centralManagement: { ...good, port: "443", ca: "/etc/ssl/company.pem" } };
    assert.deepEqual(
      failures(spsClusterSchema, inputs).map(({ reason }) => reason),
      [
        'Invalid value for centralManagement.port: "443", which is text. Allowed values are: 1 to 65535.',
        "centralManagement.ca: it is the path of a file; set it to the content of the file, for example with fs.readFileSync",
      ],
    );
  });

  it("names missing properties, including whole groups", () => {
    assert.deepEqual(
      failures(spsClusterSchema, { members: [{}] }).map(({ reason }) => reason),
      [
        "Invalid value for centralManagement: it is missing. Allowed values are: an object.",
        "Invalid value for members[0].connection: it is missing. Allowed values are: an object.",
      ],
    );
    assert.deepEqual(
      failures(spsClusterSchema, { centralManagement: {} }).map(({ reason }) => reason),
      [
        "Invalid value for centralManagement.address: it is missing. Allowed values are: an IPv4 address or a host name (IPv6 is not supported).",
        "centralManagement: no password is set; set password, passwordEnv or passwordFile",
      ],
    );
  });

  it("asks for an object when the inputs are text", () => {
    assert.deepEqual(failures(spsClusterSchema, "hunter2"), [
      { path: "", reason: "Invalid value for the inputs: it is text. Allowed values are: an object." },
    ]);
  });

  it("shows no long values, objects or secrets of invalid inputs", () => {
    const hidden = secret(text(/^x$/, "x", "Secret."));
    const schema = z.strictObject({
      password: hidden,
      clientCertificate: hidden,
      privateKey: hidden,
      passphrase: hidden,
      token: hidden,
      long: flag("Long."),
      group: flag("Group."),
      credentials: z.strictObject({ token: secret(z.strictObject({ value: text(/^x$/, "x", "Part.") })) }),
    });
    const keys = ["password", "clientCertificate", "privateKey", "passphrase", "token"];
    const inputs = {
      ...Object.fromEntries(keys.map((key) => [key, "hunter2"])),
      long: "y".repeat(81),
      group: { password: "hunter2" },
      credentials: { token: { value: "hunter2" } },
    };
    assert.deepEqual(
      failures(schema, inputs).map(({ reason }) => reason),
      [
        ...keys.map((key) => `Invalid value for ${key}. Allowed values are: x.`),
        "Invalid value for long. Allowed values are: true, false.",
        "Invalid value for group: it is an object. Allowed values are: true, false.",
        "Invalid value for credentials.token.value. Allowed values are: x.",
      ],
    );
  });

  it("keeps the message of a custom rule and prefixes its path", () => {
    const schema = z.strictObject({ name: someText("Name."), port: port("Port.") }).superRefine((inputs, issues) => {
      issues.addIssue({ code: "custom", path: ["port"], message: "taken by another" });
      if (inputs.name === "b") issues.addIssue({ code: "custom", message: "nothing fits" });
    });
    assert.deepEqual(failures(schema, { name: "b", port: 1 }), [
      { path: "port", reason: "port: taken by another" },
      { path: "", reason: "nothing fits" },
    ]);
  });

  it("reports an empty text as empty", () => {
    assert.deepEqual(
      failures(z.strictObject({ name: someText("Name.") }), { name: "" }).map(({ reason }) => reason),
      ["Invalid value for name: empty text. Allowed values are: text that is not empty."],
    );
  });
});
