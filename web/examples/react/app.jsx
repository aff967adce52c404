import "smartsynch/picker/define";
import { useState } from "react";

export function NewTask({ engine }) {
  const [title, setTitle] = useState("");
  const [category, setCategory] = useState("");
  return (
    <form>
      <input aria-label="Title" value={title} onChange={(e) => setTitle(e.target.value)} />
      <smartsynch-picker engine={engine} taskTitle={title} onchange={(e) => setCategory(e.value)} />
      <output>{category}</output>
    </form>
  );
}
