import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { afterEach, describe, it } from "mocha";
import ts from "typescript";

const ROOT = path.resolve(__dirname, "../..");
const BLOCK = /^```ts\n([\s\S]*?)^```$/gm;

/** Pages with complete programs, and how many at least; other pages show fragments. */
const PAGES = {
  "README.md": 2,
  "docs/join.md": 4,
  "docs/many-sites.md": 1,
  "docs/router-cisco-ios.md": 1,
  "docs/router-check-point.md": 1,
  "docs/router-sophos-utm.md": 1,
};

describe("programs in the documentation", () => {
  let folder: string | undefined;
  afterEach(() => {
    if (folder) fs.rmSync(folder, { recursive: true, force: true });
  });

  for (const [page, least] of Object.entries(PAGES)) {
    it(`compiles every program of ${page}`, () => {
      const blocks = [...fs.readFileSync(path.join(ROOT, page), "utf8").matchAll(BLOCK)].map(([, code = ""]) => code);
      assert.ok(blocks.length >= least, `${blocks.length} programs`);
      // Below the checkout, where TypeScript finds the dependencies.
      folder = fs.mkdtempSync(path.join(__dirname, "blocks-"));
      const files = blocks.map((code, index) => {
        const file = path.join(folder ?? "", `block-${index}.ts`);
        fs.writeFileSync(file, code);
        return file;
      });
      const compiler = ts.createProgram(files, {
        strict: true,
        noEmit: true,
        skipLibCheck: true,
        target: ts.ScriptTarget.ES2022,
        module: ts.ModuleKind.Node16,
        moduleResolution: ts.ModuleResolutionKind.Node16,
        paths: { "pulumi-safeguard": [path.join(ROOT, "sdk/nodejs/index.ts")] },
        types: ["node"],
      });
      const messages = files
        .map((file) => compiler.getSourceFile(file))
        .flatMap((source) => [...compiler.getSyntacticDiagnostics(source), ...compiler.getSemanticDiagnostics(source)])
        .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
      assert.deepEqual(messages, []);
    }).timeout(60_000);
  }
});
