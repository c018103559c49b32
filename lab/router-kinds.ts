/** The command lines and APIs that the router of a lab can have. */
export const ROUTER_KINDS = ["linux", "cisco-ios", "sophos-utm", "check-point"] as const;

export type RouterKind = (typeof ROUTER_KINDS)[number];
