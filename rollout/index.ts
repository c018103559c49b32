/* The package's only entry, through which another command can offer `rollout` when this package is installed. */
export type { Output } from "./commands/session";
export { commands, siteNames } from "./completion";
export { main } from "./main";
