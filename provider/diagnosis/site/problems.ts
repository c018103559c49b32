import { validate } from "../../core/validate";
import { PLATFORMS } from "../../router/platforms";
import type { Site } from "./inputs";

/** Mistakes in sites that the schema of single values cannot express, one sentence each. Pure. */
export function siteProblems(sites: readonly Site[]): string[] {
  const names = sites.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  return [
    ...(twice === undefined ? [] : [`sites: two of them are named ${twice}; rename one.`]),
    ...sites.flatMap((site, index) => routerProblems(site, `sites[${index}].routers`)),
  ];
}

function routerProblems({ routers }: Site, path: string): string[] {
  const names = routers.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  const ofPlatforms = routers.flatMap((router, index) => {
    const platform = PLATFORMS.get(router.platform);
    const { router: connection, redirections, persist, bypass, watchdog } = router;
    const options = platform && Reflect.get(router, platform.block);
    const found = platform?.problems({ connection, redirections, options, persist, bypass, watchdog });
    // A platform may know less of a connection than all platforms together.
    const connected = platform && validate(platform.connection, connection);
    const failures = [...(connected?.ok === false ? connected.failures : []), ...(found?.failures ?? [])];
    return failures.map(({ reason }) => `${path}[${index}]: ${reason}`);
  });
  return [...(twice === undefined ? [] : [`${path}: two of them are named ${twice}; rename one.`]), ...ofPlatforms];
}
