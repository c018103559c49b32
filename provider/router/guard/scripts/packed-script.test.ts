import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { packScript } from "./packed-script";
import { commandText } from "./shell-text";

describe("a packed script", () => {
  const input = Array.from(
    { length: 1000 },
    (_, index) => `-A CHAIN -d 10.1.${index & 255}.0/24 -m comment --comment '${index}'`,
  );
  const script = `${commandText({ words: ["cat"], input })}\nread -r rest\necho "status $? $rest"\nexit 7`;

  for (const shell of ["dash", "bash"]) {
    it(`behaves as the plain script, with here documents, stdin and status (${shell})`, () => {
      const packed = packScript(script);
      assert.ok(packed.length < script.length / 5, `${packed.length} of ${script.length}`);
      const outcome = (text: string) => {
        const { status, stdout, stderr } = spawnSync(shell, ["-c", `(\n${text}\n)`], {
          input: "rest\n",
          encoding: "utf8",
        });
        return { status, stdout, stderr };
      };
      const plain = outcome(script);
      assert.deepEqual(plain, { status: 7, stdout: `${input.join("\n")}\nstatus 0 rest\n`, stderr: "" });
      assert.deepEqual(outcome(packed), plain);
    });
  }

  it("leaves a small script unpacked", () => {
    assert.equal(packScript("echo small"), "echo small");
  });

  it("runs nothing when the script cannot be unpacked", () => {
    const broken = packScript(script).replace(/\n[A-Za-z0-9+/]{76}\n/, "\n");
    const { status, stdout } = spawnSync("sh", ["-c", broken], { encoding: "utf8" });
    assert.equal(status, 1);
    assert.equal(stdout, "");
  });
});
