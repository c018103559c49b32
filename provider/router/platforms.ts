import { anyRouterConnection } from "../core/connection";
import { unknownOr } from "../core/fields";
import { checkPointOptionsSchema } from "./check-point/model/options";
import { checkPointStatusSchema } from "./check-point/model/status";
import { checkPoint } from "./check-point/platform";
import { ciscoIosOptionsSchema } from "./cisco-ios/model/options";
import { ciscoIosStatusSchema } from "./cisco-ios/model/status";
import { ciscoIos } from "./cisco-ios/platform";
import { linuxOptionsSchema } from "./linux/model/options";
import { linuxStatusSchema } from "./linux/model/status";
import { linux } from "./linux/platform";
import type { Platforms, RouterPlatform } from "./platform";
import { sophosUtmOptionsSchema } from "./sophos-utm/model/options";
import { sophosUtmStatusSchema } from "./sophos-utm/model/status";
import { sophosUtm } from "./sophos-utm/platform";

/** Every value of `platform`. */
export const PLATFORM_NAMES = ["linux", "cisco-ios", "sophos-utm", "check-point"] as const;

/** The supported platforms. */
export const PLATFORMS: Platforms = new Map<string, RouterPlatform>([
  [linux.name, linux],
  [ciscoIos.name, ciscoIos],
  [sophosUtm.name, sophosUtm],
  [checkPoint.name, checkPoint],
]);

/** The connection of any platform; each platform refuses properties that only others have. */
export const platformConnection = unknownOr(
  anyRouterConnection,
  "How to reach the router: over SSH, and over HTTPS on Sophos UTM.",
);

/** The options of each platform, each in its own block. */
export const platformInputs = {
  linux: unknownOr(linuxOptionsSchema, "Options that only Linux routers have.").prefault({}),
  ciscoIos: unknownOr(ciscoIosOptionsSchema, "Options that only Cisco routers have.").prefault({}),
  sophosUtm: unknownOr(sophosUtmOptionsSchema, "Options that only a Sophos UTM has.").prefault({}),
  checkPoint: unknownOr(checkPointOptionsSchema, "Options that only a Check Point gateway has.").prefault({}),
};

/** The outputs that only one platform has. */
export const platformOutputs = {
  linuxStatus: linuxStatusSchema
    .optional()
    .describe("Outputs that only Linux routers have; absent while the router was not read."),
  ciscoIosStatus: ciscoIosStatusSchema
    .optional()
    .describe("Outputs that only Cisco routers have; absent while the router was not read."),
  sophosUtmStatus: sophosUtmStatusSchema
    .optional()
    .describe("Outputs that only a Sophos UTM has; absent while the router was not read."),
  checkPointStatus: checkPointStatusSchema
    .optional()
    .describe("Outputs that only a Check Point gateway has; absent while the router was not read."),
};
