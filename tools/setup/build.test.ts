import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { beforeEach, describe, it } from "mocha";
import { recordingOutput, temporaryFolder } from "../testing/temporary-folder";

const modules = path.resolve(__dirname, "../../node_modules");
const COMPILING = "build: compiling into dist, because sources or settings have changed";

/** A project so small that TypeScript compiles it at once: one folder, the smallest library, no packages' types. */
const SETTINGS = {
  compilerOptions: {
    target: "ES5",
    ignoreDeprecations: "5.0",
    lib: ["ES5"],
    types: [],
    declaration: true,
    resolveJsonModule: true,
    rootDir: ".",
    outDir: "dist",
    incremental: true,
    tsBuildInfoFile: "dist/.tsbuildinfo",
  },
  include: ["sdk", "sdk/**/*.json"],
  exclude: ["**/*.test.ts"],
};

describe("ensureBuild", () => {
  let root = "";

  beforeEach(() => {
    root = temporaryFolder();
    fs.symlinkSync(modules, path.join(root, "node_modules"));
    write("tsconfig.build.json", JSON.stringify(SETTINGS));
    write("sdk/a.ts", "export const a = 1;");
    write("sdk/a.test.ts", "export const test = 1;");
    write("sdk/data.json", '{"data":1}');
  });

  function write(file: string, text: string): void {
    fs.mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    fs.writeFileSync(path.join(root, file), text);
  }

  const readOutput = (file: string) => fs.readFileSync(path.join(root, "dist", file), "utf8");

  /** Runs the step. @returns how often it compiled. */
  async function build(): Promise<number> {
    const { ensureBuild } = await import("./build.mjs");
    const output = recordingOutput();
    await ensureBuild(root, output);
    return output.lines.filter((line) => line === COMPILING).length;
  }

  it("compiles sources and copies data when they are new or changed, and only then", async () => {
    assert.equal(await build(), 1);
    assert.equal(await build(), 0);
    write("sdk/a.ts", "export const a = 2;");
    assert.equal(await build(), 1);
    assert.match(readOutput("sdk/a.js"), /a = 2;/);
    write("sdk/data.json", '{"data":2}');
    assert.equal(await build(), 1);
    assert.deepEqual(JSON.parse(readOutput("sdk/data.json")), { data: 2 });
    write("sdk/a.test.ts", "export const test = 2;");
    assert.equal(await build(), 0);
    assert.deepEqual(fs.readdirSync(path.join(root, "dist/sdk")), ["a.d.ts", "a.js", "data.json"]);
  });

  it("compiles once when two set-ups start together", async () => {
    const counts = await Promise.all([build(), build()]);
    assert.deepEqual(counts.sort(), [0, 1]);
  });

  it("removes output whose source is gone", async () => {
    write("sdk/b.ts", "export const b = 1;");
    await build();
    assert.ok(fs.existsSync(path.join(root, "dist/sdk/b.js")));
    fs.rmSync(path.join(root, "sdk/b.ts"));
    await build();
    assert.deepEqual(fs.readdirSync(path.join(root, "dist/sdk")), ["a.d.ts", "a.js", "data.json"]);
  });

  it("compiles again when output was removed", async () => {
    await build();
    fs.rmSync(path.join(root, "dist/sdk/a.js"));
    assert.equal(await build(), 1);
    assert.match(readOutput("sdk/a.js"), /a = 1;/);
  });

  it("compiles again when a source changes while the compiler runs", async () => {
    const { ensureBuild } = await import("./build.mjs");
    let compilingSince = new Date(0);
    const output = recordingOutput();
    const say = () => {
      if (compilingSince.getTime() === 0) compilingSince = new Date();
    };
    await ensureBuild(root, { ...output, say });
    // As if written at that time, after the compiler had read the file and before it was done.
    write("sdk/a.ts", "export const a = 3;");
    fs.utimesSync(path.join(root, "sdk/a.ts"), compilingSince, compilingSince);
    assert.equal(await build(), 1);
    assert.match(readOutput("sdk/a.js"), /a = 3;/);
  });

  it("prints the compiler's errors and fails, also when run again", async () => {
    const { ensureBuild } = await import("./build.mjs");
    write("sdk/a.ts", 'export const a: number = "text";');
    for (const run of [1, 2]) {
      const output = recordingOutput();
      await assert.rejects(ensureBuild(root, output), {
        message: "build: tsc --build tsconfig.build.json: exit code 1; correct the errors above",
      });
      const errors = output.lines.filter((line) => line.startsWith("sdk/a.ts(1,14): error TS2322: "));
      assert.equal(errors.length, 1, `run ${run}`);
    }
  });
});
