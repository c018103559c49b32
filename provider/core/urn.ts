/** The name in the URN of a resource: `urn:pulumi:stack::project::types::name`, where a name may contain colons. */
export function nameInUrn(urn: string): string {
  return urn.split("::").slice(3).join("::");
}
