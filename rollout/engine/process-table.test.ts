import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { afterEach, describe, it } from "mocha";
import { processesByVariable } from "./process-table";

const NAME = "SAFEGUARD_TEST_OF_PROCESS_TABLE";

if (process.platform === "linux")
  describe("the processes with a variable in their environment", () => {
    const started: ChildProcess[] = [];
    afterEach(() => {
      for (const child of started.splice(0)) child.kill("SIGKILL");
    });

    /** Starts a process with a value of the variable. */
    async function start(value: string): Promise<number> {
      const child = spawn("sleep", ["60"], { env: { ...process.env, [NAME]: value }, stdio: "ignore" });
      started.push(child);
      await once(child, "spawn");
      return child.pid ?? assert.fail();
    }

    it("are found by their value, also one that started right after the latest reading", async () => {
      const first = await start("oslo");
      assert.deepEqual((await processesByVariable(NAME)).get("oslo"), [first]);
      const [second, third] = [await start("oslo"), await start("bonn")];
      const found = await processesByVariable(NAME);
      assert.deepEqual([found.get("oslo"), found.get("bonn")], [[first, second], [third]]);
      assert.equal(found.get("osl"), undefined);
    });

    it("are read once for fifty sites that ask at the same moment, and again for the next one", async () => {
      const asked = Array.from({ length: 50 }, () => processesByVariable(NAME));
      const readings = new Set(await Promise.all(asked));
      readings.add(await processesByVariable(NAME));
      assert.equal(readings.size, 2);
    });
  });
