import type { LabPair } from "../preflight/lab-pair";

/** Requests of logging in and out, which are no reads by their method. */
const LOGIN = /^\/RSTS\/|\/Token\/(LoginResponse|Logout)$/i;

/**
 * Watches the requests that the appliances of a pair receive.
 * @returns a function that gives those since then that are neither reads nor logins, such as `spp: POST /service/…`
 */
export function watchWrites(pair: LabPair): () => string[] {
  const logs = [
    ...pair.nodes.map(({ sps }) => ({ name: "sps", requests: sps.traffic.requests })),
    { name: "spp", requests: pair.spp.traffic.requests },
  ].map((log) => ({ ...log, begin: log.requests.length }));
  return () =>
    logs.flatMap(({ name, requests, begin }) =>
      requests
        .slice(begin)
        .filter(({ method, path }) => method !== "GET" && !(name === "spp" && LOGIN.test(path)))
        .map(({ method, path }) => `${name}: ${method} ${path}`),
    );
}
