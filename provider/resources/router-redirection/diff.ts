import { differingPaths } from "../../core/difference";
import type { Difference } from "../operations";
import { inputsOf, type RouterRedirectionKnown, type RouterRedirectionState } from "./schema";

/** Compares canonical inputs, and the rules wanted with the rules last read. */
export async function diff(
  _id: string,
  olds: RouterRedirectionState,
  news: RouterRedirectionKnown,
): Promise<Difference> {
  const paths = differingPaths(inputsOf(olds), inputsOf(news));
  if (olds.unfinished) paths.push("unfinished");
  return { changes: paths.length > 0, paths };
}
