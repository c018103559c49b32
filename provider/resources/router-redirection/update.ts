import type { OperationContext } from "../../core/context";
import { differingPaths, isAccessOnly } from "../../core/difference";
import { type Owned, type Platforms, platformContext } from "../../router/platform";
import { remove } from "./delete";
import { APPLY_OPTION_KEYS, inputSchemaOf, type RouterRedirectionKnown, type RouterRedirectionState } from "./schema";
import { applyOptionsOf, inputsOf, ownedBy, platformOf, recorded, stateOf, wantedBy } from "./state";

/**
 * Changes the router from the recorded to the wanted redirections without a gap. A change of only the connection or the
 * apply options does not touch the router. When the resource moves to another router, it first checks that the new
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
  const isSettled = !olds.unfinished && olds.rules.length > 0 && !isMoving;
  if (isSettled) {
    const paths = differingPaths(inputsOf(platform, olds), inputsOf(platform, news));
    const others = paths.filter((path) => !isApplyOption(path));
    const isQuiet = paths.length > 0 && isAccessOnly(others, inputSchemaOf(platform));
    const rules = platform.lines(wantedBy(platform, news));
    if (isQuiet && rules.join("\n") === olds.rules.join("\n")) return { state: { ...olds, ...news } };
  }
  const router = platformContext(platform.identify(news.router), context);
  const change = {
    connection: news.router,
    wanted: wantedBy(platform, news),
    isAdopting: news.adopt,
    applyOptions: applyOptionsOf(news),
  };
  let owned: Owned | undefined = ownedBy(before, olds);
  if (isMoving) {
    // Check the new router first: traffic is not recorded from the moment the old router is left.
    await platform.preview(change, "refusals", router);
    const leaving = { ...olds, commitConfirm: news.commitConfirm, probe: news.probe, removal: news.removal };
    await remove(platforms, leaving, context).catch((error: unknown) => {
      throw recorded(error, id, before, olds, { unfinished: olds.unfinished });
    });
    owned = undefined;
  }
  try {
    const { reading, confirmation } = await platform.apply({ ...change, owned }, router);
    return { state: stateOf(platform, news, reading, confirmation ?? olds) };
  } catch (error) {
    throw recorded(error, id, platform, news, isMoving ? { isBegun: true } : { unfinished: olds });
  }
}

function isApplyOption(path: string): boolean {
  return APPLY_OPTION_KEYS.includes(path.split(/[.[]/)[0] ?? "");
}
