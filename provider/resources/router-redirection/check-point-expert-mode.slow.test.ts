import assert from "node:assert/strict";
import { CheckPointLab } from "./check-point-lab.test";
import { failureOf } from "./cisco-lab.test";
import { routerRedirection as resource } from "./operations";

/** The Linux recipe in expert mode; the names of interfaces are those of the lab's kernel. */
describe("RouterRedirection with platform linux on a Check Point gateway", function () {
  this.timeout(120_000);
  let lab: CheckPointLab;

  afterEach(async () => {
    await lab.stop();
  });

  const start = async (hasSecureXl: boolean, hasBashLogin = true) => {
    lab = await CheckPointLab.start("gaia-linux", true, { hasBashLogin, hasSecureXl });
    const { clientInterface, spsInterface } = lab.network?.description.router ?? {};
    const redirection = lab.redirection({ clientInterfaces: [clientInterface], spsInterface });
    const { router, ...raw } = lab.raw({ platform: "linux", redirections: [redirection] });
    return await lab.inputs({ ...raw, router: { ...(router as object), username: lab.router.device.username } });
  };

  it("is refused with a pointer to policy-based routing where the login shell is Clish", async () => {
    const inputs = await start(false, false);
    const { code, message } = await failureOf(resource.create(inputs, lab.context()));
    assert.equal(code, "SG3009");
    assert.match(
      message,
      /: open a root shell: its login shell is Clish of a Check Point gateway, which answered CLINFR0329; set platform to check-point, .* or give the user bash as login shell/,
    );
  });

  it("is refused with a pointer to policy-based routing while SecureXL is on", async () => {
    const inputs = await start(true);
    const { code, message } = await failureOf(resource.create(inputs, lab.context()));
    assert.equal(code, "SG3101");
    assert.match(
      message,
      /it is a Check Point gateway \(.*R81\.20\): SecureXL is on, and forwards accelerated connections past iptables; set platform to check-point/,
    );
  });

  it("is refused where fwaccel cannot be found", async () => {
    const inputs = await start(false);
    await lab.network?.exec("router", ["rm", "/etc/profile.d/CP.sh"]);
    const { code, message } = await failureOf(resource.create(inputs, lab.context()));
    assert.equal(code, "SG3101");
    assert.match(message, /`fwaccel stat` does not say whether SecureXL is on/);
  });

  it("redirects in both directions of its life where SecureXL is off, and warns", async () => {
    const inputs = await start(false);
    const { id, state } = await resource.create(inputs, lab.context());
    assert.equal(await lab.seenAs(), "sps");
    assert.match(lab.log.all.join("\n"), /it is a Check Point gateway: Gaia saves no rules of expert mode/);
    await lab.network?.exec("router", ["sh", "-c", "echo enabled >/run/securexl"]);
    await resource.read(id, state, lab.context());
    assert.match(lab.log.all.join("\n"), /: SecureXL is on, and forwards accelerated connections past iptables; set/);
    await resource.delete(id, state, lab.context());
    assert.equal(await lab.seenAs(), "client");
  });
});
