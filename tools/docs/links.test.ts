import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { describe, it } from "mocha";

const ROOT = path.resolve(__dirname, "../..");

/** Markdown pages that users read, relative to the checkout. */
function pages(): string[] {
  const below = ["docs", "examples"].flatMap((folder) =>
    fs.readdirSync(path.join(ROOT, folder), { recursive: true, encoding: "utf8" }).map((file) => `${folder}/${file}`),
  );
  return ["README.md", "CONTRIBUTING.md", ...below].filter(
    (file) => file.endsWith(".md") && !file.includes("node_modules"),
  );
}

/** A heading as it stands in a link. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, "")
    .replace(/\s/g, "-");

function anchorsOf(page: string): string[] {
  const text = fs.readFileSync(path.join(ROOT, page), "utf8");
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) => anchorOf(heading));
}

describe("links between the pages of the documentation", () => {
  it("reach a file and a heading", () => {
    const broken = pages().flatMap((page) => {
      const text = fs.readFileSync(path.join(ROOT, page), "utf8").replace(/```[\s\S]*?```/g, "");
      const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = ""]) => link);
      return links
        .filter((link) => !/^https?:/.test(link))
        .filter((link) => {
          const [file = "", anchor] = link.split("#");
          const target = file === "" ? page : path.posix.join(path.posix.dirname(page), file);
          if (!fs.existsSync(path.join(ROOT, target))) return true;
          return anchor !== undefined && target.endsWith(".md") && !anchorsOf(target).includes(anchor);
        })
        .map((link) => `${page}: ${link}`);
    });
    assert.deepEqual(broken, []);
  });
});
