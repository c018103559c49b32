import { z } from "zod";
import { parseJson } from "../core/json";
import { inShape } from "../https/shape";
import type { Transport } from "../https/transport";
import { sppFailure } from "./failures";

/** `GET AuthenticationProviders`, which needs no token (SPP REST reference §3.7). */
const providersAnswer = z.array(z.looseObject({ Name: z.string(), RstsProviderId: z.string() }));

/** The provider of local users, which every appliance has under this id. */
export const LOCAL = "local";

/**
 * The id by which the token service knows an identity provider: of the one with this id, else with this name, else with an id that contains
 * it, ignoring case, as the vendor's clients do.
 * @throws SafeguardError SG2012 when no provider matches, or several do
 */
export async function providerIdOf(transport: Transport, versions: readonly string[], wanted: string): Promise<string> {
  const step = "choose the identity provider";
  for (const version of versions) {
    const answer = await transport.send({ method: "GET", path: `/service/core/${version}/AuthenticationProviders` });
    if (answer.status === 404) continue;
    if (answer.status !== 200) throw sppFailure("unavailable", transport.object, step, `${answer.status}`);
    const remedy = "report it with the version of the appliance";
    const providers = inShape(providersAnswer, parseJson(answer.text), { object: transport.object, step, remedy });
    const found = matching(providers, wanted.toLowerCase());
    if (found.length === 1 && found[0]) return found[0].RstsProviderId;
    const names = (found.length > 0 ? found : providers).map(({ Name: name }) => name).join(", ");
    const detail =
      found.length > 0
        ? `${wanted} matches several of its identity providers: ${names}`
        : `it has no identity provider ${wanted}, only ${names}`;
    throw sppFailure("identityProvider", transport.object, step, detail);
  }
  throw sppFailure("notSpp", transport.object, step);
}

type Provider = z.output<typeof providersAnswer>[number];

function matching(providers: readonly Provider[], wanted: string): Provider[] {
  const tries: ((provider: Provider) => boolean)[] = [
    ({ RstsProviderId: id }) => id.toLowerCase() === wanted,
    ({ Name: name }) => name.toLowerCase() === wanted,
    ({ RstsProviderId: id }) => id.toLowerCase().includes(wanted),
  ];
  return tries.map((isMatch) => providers.filter(isMatch)).find((found) => found.length > 0) ?? [];
}
