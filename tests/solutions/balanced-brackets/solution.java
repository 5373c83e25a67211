import java.util.ArrayDeque;
import java.util.Deque;

public class Solution {
    public static boolean isBalanced(String text) {
        Deque<Character> open = new ArrayDeque<>();
        for (char c : text.toCharArray()) {
            int kind = "([{".indexOf(c);
            if (kind >= 0) open.push(")]}".charAt(kind));
            else if (")]}".indexOf(c) >= 0 && (open.isEmpty() || open.pop() != c)) return false;
        }
        return open.isEmpty();
    }
}
