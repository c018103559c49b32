import type { OperationContext } from "../../core/context";
import { differingPaths, isAccessOnly } from "../../core/difference";
import { NOTHING } from "../../router/linux/desired";
import { converge, recorded } from "./converge";
import { mannerOf, ownedBy, stateOf, wantedBy } from "./holdings";
import { inputsOf, MANNER_KEYS, type RouterRedirectionKnown, type RouterRedirectionState } from "./schema";
import { routerIdentity } from "./ssh-target";

/**
 * Brings the router from what the resource held to what it shall hold, without a gap. A change of nothing but the way
 * in, or of how changes are made, touches no router. When the resource moves to another router, it leaves the old one first.
 * @throws SafeguardError SG3001 to SG3301 while the router is as it was; PartialFailure afterwards.
 */
export async function update(
  id: string,
  olds: RouterRedirectionState,
  news: RouterRedirectionKnown,
  context: OperationContext,
): Promise<{ state: RouterRedirectionState }> {
  const paths = differingPaths(inputsOf(olds), inputsOf(news));
  const isSettled = !olds.unfinished && olds.rules.length > 0 && isSameRouter(olds, news);
  if (isSettled && paths.length > 0 && isAccessOnly(paths.filter((path) => !isManner(path)))) {
    return { state: { ...olds, ...news } };
  }
  let owned = ownedBy(olds);
  if (!isSameRouter(olds, news)) {
    const leaving = { ...mannerOf(news), desired: NOTHING, owned, isAdopting: false };
    await converge(olds.router, leaving, context).catch((error: unknown) => {
      throw recorded(error, id, olds, olds.unfinished);
    });
    owned = NOTHING;
  }
  try {
    const wish = { ...mannerOf(news), desired: wantedBy(news), owned, isAdopting: news.adopt };
    const { found, confirmation } = await converge(news.router, wish, context);
    return { state: stateOf(news, found, confirmation ?? olds) };
  } catch (error) {
    throw recorded(error, id, news, olds);
  }
}

function isManner(path: string): boolean {
  return MANNER_KEYS.includes(path.split(/[.[]/)[0] ?? "");
}

function isSameRouter({ router: old }: RouterRedirectionState, { router: wanted }: RouterRedirectionKnown): boolean {
  if (routerIdentity(old) === routerIdentity(wanted)) return true;
  return old.hostKey !== undefined && old.hostKey === wanted.hostKey;
}
