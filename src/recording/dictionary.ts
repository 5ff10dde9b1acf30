export const dictionary = Buffer.from("todo");
