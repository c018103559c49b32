/* Generated from provider/core/errors by `npm run docs`; do not edit. */

/** Codes of failures to reach an appliance or a router. */
export const UNREACHABLE_CODES: readonly string[] = [
  "SG1010",
  "SG1012",
  "SG1017",
  "SG1018",
  "SG1021",
  "SG2004",
  "SG2009",
  "SG2107",
  "SG2505",
  "SG2512",
  "SG2513",
  "SG2514",
  "SG3001",
  "SG3007",
];

/** Codes of changes whose outcome could not be read. */
export const UNKNOWN_CODES: readonly string[] = [
  "SG1016",
  "SG1020",
  "SG1202",
  "SG1207",
  "SG1209",
  "SG1210",
  "SG2104",
  "SG2112",
  "SG2114",
  "SG2115",
  "SG2120",
  "SG2122",
  "SG2123",
  "SG2124",
  "SG2126",
  "SG3008",
  "SG3301",
  "SG3302",
  "SG3303",
  "SG3304",
  "SG3306",
  "SG3307",
  "SG3308",
  "SG3309",
  "SG3310",
  "SG3311",
];
