import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { IncomingMessage } from "node:http";
import type { Lab } from "../../lab/lab";
import { Handshake } from "../../lab/spp/join/handshake";
import { TokenStore } from "../../lab/spp/login/tokens";
import { SppJoin } from "../../lab/sps/join/spp-join";
import { Sessions } from "../../lab/sps/state/sessions";
import { INTERNAL } from "../../lab/sps/state/store";
import type { PlantedSecrets } from "./planted-secrets";

const REQUEST = "http.server.request.start";

/** Adds every secret that the appliances of this process issue or receive from now on. @returns a function that ends this */
export function captureTraffic(secrets: PlantedSecrets): () => void {
  const onRequest = (message: unknown) => {
    const { request } = message as { request: IncomingMessage };
    captureHeaders(request, secrets);
  };
  subscribe(REQUEST, onRequest);
  const restores = [
    after(Sessions.prototype, "logIn", (session) => {
      if (!session) return;
      secrets.add("session cookie of SPS", session.id);
      secrets.add("X-Token of SPS", session.token);
    }),
    after(TokenStore.prototype, "issueStsToken", async (issued) =>
      secrets.add("login token of SPP", (await issued).token),
    ),
    after(TokenStore.prototype, "issueUserToken", async (issued) => secrets.add("user token of SPP", await issued)),
    after(TokenStore.prototype, "issueCode", (code) => secrets.add("authorization code of SPP", code)),
    after(TokenStore.prototype, "redeemCode", (_user, _code, verifier) =>
      secrets.add("PKCE verifier", String(verifier)),
    ),
    after(Handshake.prototype, "begin", async (module) =>
      secrets.add("one-time token of the handshake", (await module).OneTimeToken ?? ""),
    ),
    // Only this private method of the lab's SPS has the key that SPS creates for SPP.
    after(
      SppJoin.prototype as unknown as Record<"validate", (...given: unknown[]) => unknown>,
      "validate",
      (...given) => secrets.addKey("client key of SPS for SPP", String(given.at(-1))),
    ),
  ];
  return () => {
    unsubscribe(REQUEST, onRequest);
    for (const restore of restores) restore();
  };
}

/** Adds the secrets that the appliances of a lab never send: certificate keys and pre-shared keys of members. */
export function captureInternal(lab: Lab, secrets: PlantedSecrets): void {
  for (const node of lab.sps) {
    secrets.addKey("certificate key of SPS", node.certificate.privateKeyPem);
    for (const other of lab.sps) {
      const psk = node.object(`${INTERNAL}psk/${other.nodeId}`)?.psk;
      if (typeof psk === "string") secrets.add("pre-shared key of the join request", psk);
    }
  }
  secrets.addKey("certificate key of SPP", lab.spp.certificate.privateKeyPem);
}

function captureHeaders({ headers }: IncomingMessage, secrets: PlantedSecrets): void {
  const [, scheme = "", credentials = ""] = /^(\w+)\s+(.+)$/.exec(headers.authorization ?? "") ?? [];
  if (/^basic$/i.test(scheme)) secrets.add("Basic header", credentials);
  for (const pair of (headers.cookie ?? "").split("; ").filter(Boolean)) {
    const [name = "", value = ""] = pair.split(/=(.*)/s);
    const kind = name === "session_id" ? "session cookie of SPS" : `cookie ${name} of SPP`;
    if (value !== "") secrets.add(kind, value);
  }
}

type Methods<Name extends string> = Record<Name, (...given: never[]) => unknown>;

/** Calls a function with the result and the arguments of each call of a method. @returns a function that restores the method */
function after<Name extends string, Owner extends Methods<Name>>(
  owner: Owner,
  name: Name,
  observe: (result: ReturnType<Owner[Name]>, ...given: Parameters<Owner[Name]>) => unknown,
): () => void {
  const original = owner[name];
  const observed = function (this: unknown, ...given: Parameters<Owner[Name]>) {
    const result = Reflect.apply(original, this, given) as ReturnType<Owner[Name]>;
    // The caller handles the failure of the call itself.
    Promise.resolve(observe(result, ...given)).catch(() => undefined);
    return result;
  };
  Reflect.set(owner, name, observed);
  return () => void Reflect.set(owner, name, original);
}
