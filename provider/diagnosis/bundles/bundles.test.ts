import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "mocha";
import { LabPair } from "../../../benchmarks/preflight/lab-pair";
import type { ApplianceConnection } from "../../core/connection";
import { operationContext } from "../../core/context";
import { SpsClient } from "../../sps/client";
import { collectSpsBundle } from "./sps-bundle";

describe("the support bundle of a node", () => {
  it("is given up and removed when it is not ready within the limit", async () => {
    const folder = mkdtempSync(join(tmpdir(), "safeguard-bundles-"));
    const pair = await LabPair.start({ isPromoted: false, speed: 1 });
    // The node needs 30 s.
    try {
      const client = await SpsClient.open(pair.order().sps.connection as ApplianceConnection, operationContext());
      const options = {
        path: join(folder, "x.tar.gz"),
        replace: false,
        limitSeconds: 0.3,
        onBytes: () => undefined,
        onWarning: assert.fail,
      };
      await assert.rejects(collectSpsBundle(client, options), {
        message:
          /: wait for the support bundle: not reached within 0\.3 s \(last seen: running\); .*--minutes.* \[SG1020\]$/,
      });
      await client.close();
      const { traffic } = pair.central.sps;
      assert.deepEqual([traffic.count("DELETE", /support-bundle/), readdirSync(folder)], [1, []]);
    } finally {
      await pair.stop();
      rmSync(folder, { recursive: true });
    }
  });
});
