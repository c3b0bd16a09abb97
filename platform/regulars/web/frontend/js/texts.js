// The words scripts say, in the language of the page; base.html writes them as a JSON block.
const block = document.getElementById("texts");
export const texts = block ? JSON.parse(block.textContent) : {};
