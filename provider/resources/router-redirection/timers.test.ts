import assert from "node:assert/strict";
import { LabRouter } from "./lab-router.test";
import { routerRedirection as resource } from "./operations";

/**
 * Stands in for systemd, which no lab router runs: notes how it was called, and starts the command in a session of its
 * own. It does not show that a real systemd takes these arguments.
 */
const UNIT_STARTER = `#!/bin/sh
echo "$*" >>/run/units
[ ! -e /run/no-units ] || exit 1
while [ "\${1#--}" != "$1" ]; do shift; done
setsid "$@" </dev/null >/dev/null 2>&1 &
`;

describe("RouterRedirection on a Linux router: launchers of the rollback timer", function () {
  this.timeout(30_000);
  let router: LabRouter;

  before(async () => {
    router = await LabRouter.start("timers");
  });
  after(async () => {
    await router.stop();
  });

  /** Makes a redirection and takes it away again; each of them starts a timer. */
  async function makeAndTakeAway(): Promise<void> {
    const { id, state } = await resource.create(await router.inputs(), router.context());
    assert.equal(await router.seenAs(), "sps");
    await resource.delete(id, state, router.context());
    await router.assertClean();
  }

  it("starts the rollback timer as a separate unit where systemd runs", async () => {
    await router.runOverSsh(`mkdir -p /run/systemd/system
cat >/run/systemd-run <<'END'
${UNIT_STARTER}END
chmod +x /run/systemd-run
if [ -e /usr/bin/systemd-run ]; then mount --bind /run/systemd-run /usr/bin/systemd-run
else mount -t tmpfs tmpfs /usr/local/sbin && cp /run/systemd-run /usr/local/sbin; fi`);
    await makeAndTakeAway();
    const units = (await router.run("cat /run/units")).trim().split("\n");
    assert.equal(units.length, 2);
    for (const unit of units) {
      const [, token] =
        /^--quiet --collect --unit=sps-redirect-(\w+) \/bin\/sh \S+\/timer\.sh \S+ 60 \d+ \S+$/.exec(unit) ?? [];
      assert.ok(token && unit.includes(`/commit.${token}/timer.sh`), unit);
    }
  });

  it("starts the rollback timer in a separate session where systemd refuses", async () => {
    await router.run("rm /run/units; touch /run/no-units");
    await makeAndTakeAway();
    assert.equal((await router.run("cat /run/units")).trim().split("\n").length, 2);
  });

  /** Puts a program in the place of setsid that is called once with the shell of the run as its parent. */
  async function withSetsid(program: string, work: () => Promise<void>): Promise<void> {
    await router.runOverSsh(`cat >/run/setsid <<'END'
#!/bin/sh
umount -l "$(command -v setsid)"
${program}
END
chmod +x /run/setsid; mount --bind /run/setsid "$(command -v setsid)"`);
    await work();
  }

  const folders = () => router.run("ls -d /run/sps-redirect/commit.* 2>/dev/null; true");

  it("leaves nothing to roll back when the shell of a run is killed before its timer starts", async () => {
    await withSetsid("echo $(($(cat /run/kills 2>/dev/null || echo 0) + 1)) >/run/kills; kill -9 $PPID", async () => {
      const { id, state } = await resource.create(await router.inputs(), router.context());
      assert.equal((await router.run("cat /run/kills")).trim(), "1");
      assert.equal(await folders(), "");
      assert.equal(await router.seenAs(), "sps");
      await resource.delete(id, state, router.context());
      await router.assertClean();
    });
  });

  it("starts the rollback timer in a shell that ignores hang-ups where setsid is missing", async () => {
    await router.runOverSsh('mount --bind /dev/null "$(command -v setsid)"');
    await makeAndTakeAway();
  });
});
