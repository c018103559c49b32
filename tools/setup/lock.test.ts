import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { describe, it } from "mocha";
import { temporaryFolder } from "../testing/temporary-folder";

const lockModule = pathToFileURL(path.join(__dirname, "lock.mjs")).href;

describe("withLock", () => {
  it("runs the work of one process at a time, so that no increment is lost", async () => {
    const folder = temporaryFolder();
    const counter = path.join(folder, "counter");
    fs.writeFileSync(counter, "0");
    const program = `
      import fs from "node:fs";
      import { withLock } from ${JSON.stringify(lockModule)};
      for (let round = 0; round < 4; round += 1)
        await withLock(${JSON.stringify(path.join(folder, "lock"))}, { limitSeconds: 20 }, async () => {
          const seen = Number(fs.readFileSync(${JSON.stringify(counter)}, "utf8"));
          await new Promise((resolve) => setTimeout(resolve, 5));
          fs.writeFileSync(${JSON.stringify(counter)}, String(seen + 1));
        });`;
    const children = [1, 2, 3].map(() =>
      spawn(process.execPath, ["--input-type=module", "-e", program], { stdio: ["ignore", "ignore", "inherit"] }),
    );
    const codes = await Promise.all(children.map(async (child) => (await once(child, "close"))[0]));
    assert.deepEqual(codes, [0, 0, 0]);
    assert.equal(fs.readFileSync(counter, "utf8"), "12");
    assert.deepEqual(fs.readdirSync(folder), ["counter"]);
  });

  it("takes over the lock of a dead process", async () => {
    const { withLock } = await import("./lock.mjs");
    const lock = path.join(temporaryFolder(), "lock");
    const dead = spawnSync(process.execPath, ["-e", ""]).pid;
    fs.mkdirSync(lock);
    fs.writeFileSync(path.join(lock, `${dead}-1`), "");
    const inside = await withLock(lock, { limitSeconds: 1 }, async () => fs.readdirSync(lock));
    assert.equal(inside.length, 1);
    assert.match(inside[0] ?? "", new RegExp(`^${process.pid}-`));
    assert.equal(fs.existsSync(lock), false);
  });

  it("reports once that it waits and names the holder at the limit", async () => {
    const { withLock } = await import("./lock.mjs");
    const lock = path.join(temporaryFolder(), "lock");
    let said = 0;
    await withLock(lock, { limitSeconds: 1 }, async () => {
      await assert.rejects(
        withLock(lock, { limitSeconds: 0.4, onWait: () => (said += 1) }, async () => assert.fail("entered twice")),
        new RegExp(`lock is still held by process ${process.pid}; end it and try again$`),
      );
    });
    assert.equal(said, 1);
  });

  it("releases the lock when the work throws", async () => {
    const { withLock } = await import("./lock.mjs");
    const lock = path.join(temporaryFolder(), "lock");
    await assert.rejects(
      withLock(lock, { limitSeconds: 1 }, async () => {
        throw new Error("the work's own error");
      }),
      /^Error: the work's own error$/,
    );
    assert.equal(await withLock(lock, { limitSeconds: 1 }, async () => "in"), "in");
  });
});
