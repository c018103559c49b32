import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import type { SiteArgs } from "pulumi-safeguard";
import { EngineLab } from "./engine-lab";
import { lastingLines } from "./events";
import { linesOf, siteName, sitesProgram } from "./many-sites";

describe("many sites through the real engine", function () {
  this.timeout(120_000);
  let engine: EngineLab;

  before(async function () {
    engine = await EngineLab.start(this, "engine-sites", { spsCount: 4, network: undefined });
  });
  after(() => engine?.stop());

  const [healthy = "", refused = "", unacknowledged = "", last = ""] = [0, 1, 2, 3].map(siteName);

  it("shows the faults of all sites in one preview, and few lines of a healthy one", async () => {
    const { lab, stack } = engine;
    const preview = await stack.run(
      "preview",
      sitesProgram(lab, (name, args): SiteArgs => {
        const { centralManagement, ...cluster } = args.cluster;
        if (name === refused) {
          return {
            ...args,
            cluster: {
              ...cluster,
              centralManagement: { ...(centralManagement as object), password: "x" } as typeof centralManagement,
            },
          };
        }
        return name === unacknowledged ? { ...args, join: { ...args.join, acknowledge: undefined } } : args;
      }),
    );
    assert.notEqual(preview.failure, undefined);
    const errors = lastingLines(preview, "error").filter((line) => line.includes("site0"));
    assert.ok(
      errors.some((line) => line.includes(`${refused}-cluster: `) && line.includes("[SG1013]")),
      errors.join("\n"),
    );
    assert.ok(
      errors.some((line) => line.includes(`${unacknowledged}-join: acknowledge: `)),
      errors.join("\n"),
    );
    for (const site of [healthy, last]) {
      assert.deepEqual(
        errors.filter((line) => line.includes(`${site}-`)),
        [],
      );
      const lines = linesOf(preview, site);
      assert.ok(lines.length <= 3, lines.join("\n"));
      assert.match(
        lines.find((line) => line.startsWith(`${site}-join: `)) ?? "",
        /: \d+ of \d+ checks pass, 3 after the promotion, 1 cannot be checked; CANNOT BE UNDONE: promotes [\d.]+, joins it to [\d.]+$/,
      );
    }
    const requests = [...lab.sps, lab.spp].flatMap(({ traffic }) => traffic.requests);
    const changes = requests.filter(({ method, path }) => method !== "GET" && !/^\/RSTS\/|\/Token\//.test(path));
    assert.deepEqual(changes, []);
  });
});
