/** One change on the router, and how it is rolled back when a later one fails. Both are shell text. */
export interface Step {
  /** What is changed, as the step of an error message. */
  title: string;
  run: string;
  undo: string;
}
