import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { AlgorithmOffers } from "./algorithms";

describe("the algorithms that both sides of a handshake offer", () => {
  it("lists a server's host key algorithms, and leaves out entries that are no algorithms", () => {
    const offers = new AlgorithmOffers();
    for (const message of [
      "Handshake: (local) KEX method: curve25519-sha256,ext-info-c",
      "Handshake: (remote) KEX method: mlkem768x25519-sha256,kex-strict-s-v00@openssh.com",
      "Handshake: (local) Host key format: ssh-ed25519,ssh-rsa",
      "Handshake: (remote) Host key format: ssh-dss",
      "Outbound: Sending KEXINIT",
    ])
      offers.read(message);
    assert.deepEqual(offers.mismatch("Handshake failed: no matching host key format"), {
      name: "host key algorithm",
      option: "HostKeyAlgorithms",
      offered: "ssh-dss",
      ours: "ssh-ed25519, ssh-rsa",
    });
    const exchange = offers.mismatch("Handshake failed: no matching key exchange algorithm");
    assert.deepEqual([exchange?.offered, exchange?.ours], ["mlkem768x25519-sha256", "curve25519-sha256"]);
    assert.equal(offers.mismatch("Handshake failed: no matching S->C MAC")?.offered, "none");
    assert.equal(offers.mismatch("Handshake failed: signature mismatch"), undefined);
  });
});
