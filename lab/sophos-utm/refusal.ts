/** An error as the API reports it, one of a list. `fatal` 1 is wrong input, 0 an effect on other objects that can be acknowledged. */
export interface ApiError {
  Oattrs: string[];
  attrs: string[];
  class: string;
  del_object: string;
  fatal: 0 | 1;
  format: string;
  msgtype: string;
  name: string;
  never_hide: number;
  objname: string;
  perms: string;
  ref: string;
  rights: string;
  type: string;
}

/** An answer with errors instead of an object. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly errors: readonly ApiError[],
  ) {
    super(errors.map(({ name }) => name).join("; "));
  }
}

/** An error about an object. `type` is class and type: `route/policy`. */
export function apiError(
  msgtype: string,
  name: string,
  about: { type: string; ref?: string; attributes?: readonly string[]; isFatal?: boolean },
): ApiError {
  const [objectClass = "", type = ""] = about.type.split("/");
  return {
    Oattrs: ["class", "type"],
    attrs: [...(about.attributes ?? [])],
    class: objectClass,
    del_object: "",
    fatal: about.isFatal === false ? 0 : 1,
    format: name,
    msgtype,
    name,
    never_hide: 0,
    objname: "",
    perms: "",
    ref: about.ref ?? "",
    rights: "",
    type,
  };
}
