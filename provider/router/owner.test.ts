import assert from "node:assert/strict";
import { isSameResource, isSameStack, newOwnerId, ownerText } from "./owner";

describe("the owner of a redirection", () => {
  const urn =
    "urn:pulumi:prod::network::safeguard:index:Site$pulumi-nodejs:dynamic/safeguard:RouterRedirection::site::rdp";
  const owner = { id: "0123456789ab", urn };
  const renamed = { id: "ba9876543210", urn: urn.replace(/::rdp$/, "::new") };
  const foreign = { id: "ba9876543210", urn: urn.replace("prod", "test") };

  it("gets a random id of 12 hexadecimal digits", () => {
    assert.match(newOwnerId(), /^[0-9a-f]{12}$/);
    assert.notEqual(newOwnerId(), newOwnerId());
  });

  it("is the same resource by its id or its URN", () => {
    assert.equal(isSameResource(owner, { id: owner.id }), true);
    assert.equal(isSameResource(owner, { id: "", urn }), true);
    assert.equal(isSameResource(owner, renamed), false);
    assert.equal(isSameResource({ id: "0123456789ab" }, { id: "ba9876543210" }), false);
  });

  it("is of the same stack only if project and stack agree", () => {
    assert.equal(isSameStack(owner, renamed), true);
    assert.equal(isSameStack(owner, foreign), false);
    assert.equal(isSameStack(owner, { id: "ba9876543210", urn: urn.replace("network", "web") }), false);
    assert.equal(isSameStack(owner, { id: "ba9876543210" }), false);
    assert.equal(isSameStack({ id: "0123456789ab" }, { id: "ba9876543210" }), true, "both are unknown");
  });

  it("is named with its project and stack in messages", () => {
    assert.equal(ownerText(owner), "resource site::rdp of stack network/prod");
    assert.equal(ownerText({ id: "0123456789ab" }), "another resource (id 0123456789ab)");
  });
});
