import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { capabilityTable } from "../../tests/support/capability-table";
import { UNKNOWN } from "../core/unknown";
import { checkPoint } from "./check-point/platform";
import { ciscoIos } from "./cisco-ios/platform";
import type { RouterPlatform } from "./platform";
import { sophosUtm } from "./sophos-utm/platform";

const PLATFORMS = [ciscoIos, sophosUtm, checkPoint] as unknown as RouterPlatform[];

describe("the pages about routers", () => {
  for (const { name, capabilities } of PLATFORMS) {
    it(`have a table of capabilities of ${name} that agrees with the code`, () => {
      const table = capabilityTable(capabilities(UNKNOWN));
      const page = readFileSync(resolve(__dirname, `../../docs/router-${name}.md`), "utf8");
      assert.ok(page.includes(table), `write this into the page:\n${table}`);
    });
  }
});
