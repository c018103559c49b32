/** Lowest and highest values of a lab's options. */
export const LIMITS = { speed: [0.1, 3600], spsCount: [1, 100] } as const;

/** @throws Error with the allowed values */
export function assertInLimits(option: keyof typeof LIMITS, value: number): void {
  const [lowest, highest] = LIMITS[option];
  if (value >= lowest && value <= highest) return;
  throw new Error(`Invalid value for ${option}: ${value}. Allowed values are: ${lowest} to ${highest}.`);
}
