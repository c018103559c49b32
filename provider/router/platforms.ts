import { routerConnection } from "../core/connection";
import { unknownOr } from "../core/fields";
import { linuxOptionsSchema } from "./linux/model/options";
import { linuxStatusSchema } from "./linux/model/status";
import { linux } from "./linux/platform";
import type { Platforms, RouterPlatform } from "./platform";

/** Every value of `platform`, including those that are not supported yet. */
export const PLATFORM_NAMES = ["linux", "cisco-ios", "sophos-utm", "check-point"] as const;

/** The supported platforms. */
export const PLATFORMS: Platforms = new Map<string, RouterPlatform>([[linux.name, linux]]);

/** The connection of any platform. */
export const platformConnection = unknownOr(routerConnection, "How to reach the router over SSH.");

/** The options of each platform, each in its own block. */
export const platformInputs = {
  linux: unknownOr(linuxOptionsSchema, "Options that only Linux routers have.").prefault({}),
};

/** The outputs that only one platform has. */
export const platformOutputs = {
  linuxStatus: linuxStatusSchema
    .optional()
    .describe("Outputs that only Linux routers have; absent while the router was not read."),
};
