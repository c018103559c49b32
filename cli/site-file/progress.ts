import type { Session } from "../session";

/** Shows how many sites are examined, where a person watches. */
export function examinedIn(output: Session["output"], total: number): () => void {
  let done = 0;
  const show = () => output.progress?.(`${done} of ${total} ${total === 1 ? "site" : "sites"} examined`);
  show();
  return () => {
    done += 1;
    show();
  };
}
