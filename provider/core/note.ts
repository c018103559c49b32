/** A line for the user that does not end the operation. */
export interface Note {
  severity: "info" | "warning";
  text: string;
}
