/** A message for the user. `attribute` is the path of the attribute that it is about, camelCase. */
export interface Notice {
  summary: string;
  detail: string;
  attribute?: (string | number)[];
}
