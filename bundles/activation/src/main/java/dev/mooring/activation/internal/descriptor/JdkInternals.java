package dev.mooring.activation.internal.descriptor;

import java.io.IOException;
import java.lang.reflect.AccessibleObject;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import org.jspecify.annotations.Nullable;

/** The JDK's classes of {@code sun.nio.ch}, by reflection. The errors of their methods are passed on unchanged. */
final class JdkInternals {

    private JdkInternals() {}

    static Class<?> type(String name) {
        try {
            boolean initialize = true;
            ClassLoader boot = null; // a bundle's class loader does not delegate this package
            return Class.forName("sun.nio.ch." + name, initialize, boot);
        } catch (ClassNotFoundException e) {
            throw unknown(e);
        }
    }

    static Method method(Class<?> type, String name, Class<?>... parameters) {
        try {
            return accessible(type.getDeclaredMethod(name, parameters));
        } catch (NoSuchMethodException e) {
            throw unknown(e);
        }
    }

    static Constructor<?> constructor(String type, Class<?>... parameters) {
        try {
            return accessible(type(type).getDeclaredConstructor(parameters));
        } catch (NoSuchMethodException e) {
            throw unknown(e);
        }
    }

    static Field field(Class<?> type, String name) {
        try {
            return accessible(type.getDeclaredField(name));
        } catch (NoSuchFieldException e) {
            throw unknown(e);
        }
    }

    private static <M extends AccessibleObject> M accessible(M member) {
        member.setAccessible(true);
        return member;
    }

    private static IllegalStateException unknown(ReflectiveOperationException e) {
        return new IllegalStateException(
                "JDK " + Runtime.version() + " implements channels differently from JDK 17 to 25; remove the"
                        + " --add-opens of java.base/sun.nio.ch to use jnr-posix instead",
                e);
    }

    static <T extends @Nullable Object> T call(Method method, Object... arguments) throws IOException {
        return call(method, null, arguments);
    }

    @SuppressWarnings("unchecked") // the caller names the type that the method returns
    static <T extends @Nullable Object> T call(Method method, @Nullable Object target, Object[] arguments)
            throws IOException {
        try {
            return (T) method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            throw thrown(e);
        } catch (IllegalAccessException e) {
            throw unknown(e);
        }
    }

    @SuppressWarnings("unchecked") // the caller names the type that is constructed
    static <T> T construct(Constructor<?> constructor, Object... arguments) throws IOException {
        try {
            return (T) constructor.newInstance(arguments);
        } catch (InvocationTargetException e) {
            throw thrown(e);
        } catch (IllegalAccessException | InstantiationException e) {
            throw unknown(e);
        }
    }

    static Object get(Field field, Object target) {
        try {
            return field.get(target);
        } catch (IllegalAccessException e) {
            throw unknown(e);
        }
    }

    static void set(Field field, Object target, @Nullable Object value) {
        try {
            field.set(target, value);
        } catch (IllegalAccessException e) {
            throw unknown(e);
        }
    }

    private static IOException thrown(InvocationTargetException e) {
        if (e.getCause() instanceof RuntimeException unchecked) {
            throw unchecked;
        }
        return e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
    }
}
