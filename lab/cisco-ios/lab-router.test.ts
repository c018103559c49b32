import assert from "node:assert/strict";
import { Lab } from "../lab";

describe("a lab with a Cisco router", () => {
  it("describes the router beside the appliances, and stops it with the lab", async () => {
    const lab = await Lab.start({ name: `cisco-${process.pid}`, network: false, spsCount: 1, router: "cisco-ios" });
    const { ciscoIos } = lab.description;
    await lab.stop();
    assert.ok(ciscoIos);
    const { port, password, hostKey, ...rest } = ciscoIos;
    assert.match(rest.address, /^127\./);
    assert.ok(port > 0 && password.length >= 12 && hostKey.startsWith("ssh-ed25519 "));
    assert.deepEqual(
      { ...rest, address: "" },
      {
        address: "",
        username: "admin",
        clientInterface: "GigabitEthernet1",
        serverInterface: "GigabitEthernet2",
        spsInterface: "GigabitEthernet3",
        managementInterface: "GigabitEthernet4",
      },
    );
  });
});
