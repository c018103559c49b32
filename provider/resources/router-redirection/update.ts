import type { OperationContext } from "../../core/context";
import { differingPaths } from "../../core/difference";
import { type Owned, type Platforms, platformContext } from "../../router/platform";
import { remove, removedTexts } from "./delete";
import { isRouterAffected } from "./diff";
import type { RouterRedirectionKnown, RouterRedirectionState } from "./schema";
import { applyOptionsOf, inputsOf, ownedBy, platformOf, recorded, stateOf, wantedBy } from "./state";

/**
 * Changes the router from the recorded to the wanted redirections without a gap. A change of only credentials or the
 * apply options does not contact the router. When the resource moves to another router, it first checks that the new
 * router accepts the change, then leaves the old one.
 * @throws SafeguardError when the router is unchanged; PartialFailure otherwise
 */
export async function update(
  platforms: Platforms,
  id: string,
  olds: RouterRedirectionState,
  news: RouterRedirectionKnown,
  context: OperationContext,
): Promise<{ state: RouterRedirectionState }> {
  const before = platformOf(platforms, olds);
  const platform = platformOf(platforms, news);
  const isMoving = before !== platform || !platform.isSameRouter(olds.router, news.router);
  const paths = differingPaths(inputsOf(before, olds), inputsOf(platform, news));
  if (paths.length > 0 && !isRouterAffected(platforms, olds, news)) return { state: { ...olds, ...news } };
  const owner = { ...news, ownerId: olds.ownerId };
  const identity = platform.identify(news.router);
  const router = platformContext(identity, context);
  const change = {
    connection: news.router,
    wanted: wantedBy(platform, owner, context.resource),
    isAdopting: news.adopt,
    applyOptions: applyOptionsOf(news),
  };
  let owned: Owned | undefined = ownedBy(before, olds, context.resource);
  if (isMoving) {
    // Check the new router first: traffic is not recorded from the moment the old router is left.
    const { refusals } = await platform.preview(change, "refusals", router);
    if (refusals[0]) throw refusals[0];
    const leaving = { ...olds, commitConfirm: news.commitConfirm, probe: news.probe, removal: news.removal };
    await remove(platforms, leaving, context).catch((error: unknown) => {
      throw recorded(error, id, before, olds, { unfinished: olds.unfinished });
    });
    owned = undefined;
  }
  try {
    const { reading, confirmation, left } = await platform.apply({ ...change, owned }, router);
    const kept = [...left, ...news.redirections.map(({ name }) => name)];
    const removed = owned?.inputs.redirections.map(({ name }) => name).filter((name) => !kept.includes(name));
    for (const text of removedTexts(identity.object, removed ?? [])) context.log.warn(text);
    return { state: stateOf(platform, owner, reading, confirmation ?? olds) };
  } catch (error) {
    throw recorded(error, id, platform, owner, isMoving ? { isBegun: true } : { unfinished: olds });
  }
}
