import type { SppContext } from "../context";

/** An identity provider as SPP lists it. */
export interface IdentityProvider {
  Id: number;
  Name: string;
  TypeReferenceName: "Local" | "ActiveDirectory";
  IdentityProviderId: number;
  RstsProviderId: string;
  RstsProviderScope: string;
  ForceAsDefault: boolean;
}

/** Id of the directory of the option `directory`. */
const DIRECTORY_ID = 7;

/** The identity providers of an appliance: the local users, and the Active Directory of its option. */
export function identityProviders({ options: { directory } }: Pick<SppContext, "options">): IdentityProvider[] {
  const local = provider(-1, "Local", "Local", "local");
  if (directory === "") return [local];
  return [local, provider(DIRECTORY_ID, directory, "ActiveDirectory", `ad${DIRECTORY_ID}-${directory}`)];
}

/** The provider that a login names by its id for the token service. */
export function providerOf(
  context: Pick<SppContext, "options">,
  rstsId: string | undefined,
): IdentityProvider | undefined {
  return identityProviders(context).find(({ RstsProviderId: id }) => id.toLowerCase() === rstsId?.toLowerCase());
}

/** The name under which the appliance keeps a user of a provider. */
export function accountName({ TypeReferenceName: type, Name: directory }: IdentityProvider, user: string): string {
  return type === "Local" ? user : `${directory}\\${user}`;
}

function provider(
  id: number,
  name: string,
  type: IdentityProvider["TypeReferenceName"],
  rstsId: string,
): IdentityProvider {
  return {
    Id: id,
    Name: name,
    TypeReferenceName: type,
    IdentityProviderId: id,
    RstsProviderId: rstsId,
    RstsProviderScope: `rsts:sts:primaryproviderid:${rstsId}`,
    ForceAsDefault: false,
  };
}
