/** A range of numbers, both ends included. */
export interface Range {
  first: number;
  last: number;
}

export function areRangesOverlapping(left: Range, right: Range): boolean {
  return left.first <= right.last && right.first <= left.last;
}

/** Whether the outer range holds every number of the inner one. */
export function isRangeWithin(inner: Range, outer: Range): boolean {
  return outer.first <= inner.first && inner.last <= outer.last;
}
