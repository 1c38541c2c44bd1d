// The package has no types of its own.
declare module 'lookml-parser' {
  const lookml: { parse(text: string): unknown };
  export default lookml;
}
