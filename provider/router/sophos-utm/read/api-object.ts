import { z } from "zod";

/** Any object. Attributes that this program does not know are kept. */
export const objectSchema = z.looseObject({
  _ref: z.string(),
  _type: z.string(),
  _locked: z.enum(["", "user", "global"]).catch(""),
  name: z.string(),
  comment: z.string().catch(""),
});

/** The list of all objects of one type. */
export const objectListSchema = z.array(objectSchema);

export type ApiObject = z.output<typeof objectSchema>;

/** Objects by reference. */
export type Objects = ReadonlyMap<string, ApiObject>;

/** The members of a group; none below a depth that only groups have that contain themselves. */
export function membersOf({ members }: ApiObject, depth: number): string[] {
  return depth < 8 && Array.isArray(members) ? members.map(String) : [];
}
