import type { OperationContext } from "../../core/context";
import { differingPaths, isAccessOnly } from "../../core/difference";
import { NOTHING } from "../../router/linux/desired";
import { readScope } from "../../router/linux/read-script";
import { onRouter } from "./connect";
import { converge, recorded } from "./converge";
import { examine } from "./examine";
import { mannerOf, ownedBy, stateOf, wantedBy } from "./holdings";
import {
  inputsOf,
  MANNER_KEYS,
  type RouterRedirectionKnown,
  type RouterRedirectionState,
  routerRedirectionSchema,
} from "./schema";
import { routerIdentity } from "./ssh-target";

/**
 * Brings the router from what the resource held to what it shall hold, without a gap. A change of nothing but the way
 * in, or of how changes are made, touches no router. When the resource moves to another router, it leaves the old one
 * first, once it has seen that nothing is in its way on the new one.
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
  if (
    isSettled &&
    paths.length > 0 &&
    isAccessOnly(
      paths.filter((path) => !isManner(path)),
      routerRedirectionSchema,
    )
  ) {
    return { state: { ...olds, ...news } };
  }
  let owned = ownedBy(olds);
  const isMoving = !isSameRouter(olds, news);
  if (isMoving) {
    const wish = { desired: wantedBy(news), owned, isAdopting: news.adopt };
    // Traffic goes unrecorded from the moment the old router is left.
    await onRouter(news.router, context, async (session) => {
      examine(await session.read(readScope(wish.desired, owned)), wish, session.object);
    });
    const leaving = { ...mannerOf(news), desired: NOTHING, owned, isAdopting: false };
    await converge(olds.router, leaving, context).catch((error: unknown) => {
      throw recorded(error, id, olds, { unfinished: olds.unfinished });
    });
    owned = NOTHING;
  }
  try {
    const wish = { ...mannerOf(news), desired: wantedBy(news), owned, isAdopting: news.adopt };
    const { found, confirmation } = await converge(news.router, wish, context);
    return { state: stateOf(news, found, confirmation ?? olds) };
  } catch (error) {
    throw recorded(error, id, news, isMoving ? { isBegun: true } : { unfinished: olds });
  }
}

function isManner(path: string): boolean {
  return MANNER_KEYS.includes(path.split(/[.[]/)[0] ?? "");
}

function isSameRouter({ router: old }: RouterRedirectionState, { router: wanted }: RouterRedirectionKnown): boolean {
  if (routerIdentity(old) === routerIdentity(wanted)) return true;
  return old.hostKey !== undefined && old.hostKey === wanted.hostKey;
}
