import { SpsRefusal } from "./client";

/** What a read gives; undefined where the node lacks it or the account may not read it. */
export async function ifThere<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof SpsRefusal && [403, 404].includes(error.status)) return undefined;
    throw error;
  }
}
