import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rulesOf } from "../../../tests/support/planned-rules";
import { LOCK_LIMIT_SECONDS, OPENING_SCRIPT, ROOT_SHELL } from "../../router/guard/scripts/opening-script";
import { LabRouter } from "./lab-router.test";
import { routerRedirection as resource } from "./operations";

describe("RouterRedirection on a Linux router: SSH access", function () {
  this.timeout(30_000);
  let router: LabRouter;

  before(async () => {
    router = await LabRouter.start("access");
  });
  after(async () => {
    await router.stop();
  });

  it("accepts a password login, a POSIX shell and login files that print text", async () => {
    await router.network.addRouterUser({ username: "admin", password: "open sesame", root: true });
    await router.run("echo 'echo Welcome; echo maintenance tonight >&2' >/run/root/.bashrc");
    const connection = {
      ...(router.raw().router as object),
      privateKey: undefined,
      username: "admin",
      password: "open sesame",
    };
    for (const parts of [{ router: connection }, {}]) {
      const inputs = await router.inputs(parts);
      const { id, state } = await resource.create(inputs, router.context());
      assert.deepEqual(state.rules, rulesOf(inputs));
      await resource.delete(id, state, router.context());
    }
    await router.run("rm /run/root/.bashrc");
  });

  it("keeps secrets and scripts out of the router's process list", async () => {
    const watch = "for n in $(seq 80); do cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' '; sleep 0.02; done";
    const watching = router.run(watch);
    const { id, state } = await resource.create(await router.inputs(), router.context());
    await resource.delete(id, state, router.context());
    const seen = await watching;
    assert.match(seen, /sh -s /);
    assert.doesNotMatch(seen, /SPS-R-rdp|set-xmark|PRIVATE KEY/);
  });

  it("becomes root by passwordless sudo unless the user is root already", () => {
    const folder = mkdtempSync(join(tmpdir(), "sudo-"));
    const script = (name: string, text: string) =>
      writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
    try {
      script("id", "echo 1000");
      script("sudo", 'echo "sudo $*"; shift; exec "$@"');
      const env = { PATH: `${folder}:/usr/bin:/bin` };
      const run = () => execFileSync("/bin/sh", ["-c", ROOT_SHELL], { env, input: "echo inside\n", encoding: "utf8" });
      assert.equal(run(), "sudo -n sh -s\ninside\n");
      script("id", "echo 0");
      assert.equal(run(), "inside\n");
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  describe("the router lock", () => {
    const impatient = OPENING_SCRIPT.replace(`+ ${LOCK_LIMIT_SECONDS}`, "+ 1");
    /** Holds on until it is told to let go, 20 s at most. */
    const holding = "touch /run/held; n=0; until [ -e /run/let-go ] || [ $n = 400 ]; do n=$((n+1)); sleep 0.05; done";
    const shell = (rest: string, script = OPENING_SCRIPT) => router.run(`sh -s <<'SCRIPT'\n${script}\n${rest}\nSCRIPT`);

    it("gives the lock to one shell at a time and releases it however that shell ends", async () => {
      assert.notEqual(impatient, OPENING_SCRIPT);
      const held = shell(`${holding}; kill -9 $$ || true`).catch(() => "killed");
      await router.awaitFile("/run/held");
      assert.equal(await shell("", impatient), "another run holds /run/lock/sps-redirect\n");
      await router.run("touch /run/let-go");
      await held;
      await router.run("rm /run/let-go");
      assert.equal(await shell("", impatient), "locked unpacks\n");
    });

    it("takes the lock from a shell whose connection has been silent for too long", async () => {
      const idle = shell("sps_extend_lock -2; touch /run/held; sleep 6 9>&- >/dev/null 2>&1 & wait").catch(
        () => "killed",
      );
      await router.awaitFile("/run/held");
      assert.equal(await shell("", impatient), "locked unpacks\n");
      await idle;
    });

    it("locks without the flock command and recovers from a killed lock owner", async () => {
      const flock = (await router.run("readlink -f $(command -v flock)")).trim();
      const without = (script: string) => `mount --bind /dev/null ${flock} || exit 9\n${script}`;
      const held = shell(holding, without(OPENING_SCRIPT));
      await router.awaitFile("/run/held");
      assert.equal(await shell("", without(impatient)), "another run holds /run/lock/sps-redirect.pid\n");
      await router.run("touch /run/let-go");
      assert.equal(await held, "locked unpacks\n");
      assert.equal(await router.run("ls /run/lock | grep pid || true"), "", "the owner's note is gone with it");
      await router.run("rm /run/let-go");
      await router.run("sh -c 'echo $$ >/run/lock/sps-redirect.pid'");
      assert.equal(await shell("", without(impatient)), "locked unpacks\n");
    });
  });
});
