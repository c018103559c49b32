import { interfaceSelector } from "../fields";
import type { InterfaceOutput } from "../outputs";
import type { Redirection } from "../redirection";
import { type AddressedInterface, hostOf } from "./addresses";

/** All interfaces of redirections as the user wrote them, sorted. */
export function interfaceTexts(redirections: readonly Redirection[]): string[] {
  const texts = redirections.flatMap(({ clientInterfaces, serverInterfaces = [], spsInterface }) => [
    ...clientInterfaces,
    ...serverInterfaces,
    spsInterface,
  ]);
  return [...new Set(texts)].sort();
}

/** The name of the interface that a text selects; the text itself when it selects none or several. */
export function onlyName(text: string, selected: readonly AddressedInterface[]): string {
  const [only, ...more] = selected;
  return only && more.length === 0 ? only.name : text;
}

/** The interfaces that a text selects: by their whole name, or by one of their addresses. */
export function selectedByNameOrAddress<One extends AddressedInterface>(text: string, all: readonly One[]): One[] {
  const selector = interfaceSelector(text);
  if (!selector) return all.filter(({ name }) => name === text);
  return all.filter(({ addresses }) => addresses.some((one) => hostOf(one) === selector.value));
}

/** The interfaces that texts of the user select, sorted by name. `nameOf` is the name of the selected one. */
export function interfaceOutputs(
  texts: readonly string[],
  nameOf: (text: string) => string,
  all: readonly AddressedInterface[],
): InterfaceOutput[] {
  const names = [...new Set(texts.map(nameOf))].sort();
  return names.flatMap((name) => {
    const one = all.find((other) => other.name === name);
    const selectedBy = texts.filter((text) => text !== name && nameOf(text) === name);
    const addresses = [...(one?.addresses ?? [])];
    return one ? [{ name, addresses, ...(selectedBy.length > 0 && { selectedBy }) }] : [];
  });
}
