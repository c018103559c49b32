/** The command lines that the router of a lab can have. */
export const ROUTER_KINDS = ["linux", "cisco-ios"] as const;

export type RouterKind = (typeof ROUTER_KINDS)[number];
